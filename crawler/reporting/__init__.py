"""What is told after crawls, and to whom: one report as plain data, and the ways it goes out.

``report`` builds the data; ``text`` writes it for people, ``atom`` as a feed; ``webhook`` and ``mail`` send it;
``publishing`` tells each of those a schedule file names everything once.
"""
