.PHONY: demo test check fix lock bench faults

demo:            ## set up and run the demonstration
	python3 bootstrap.py demo

test:            ## set up and run every check and test
	python3 bootstrap.py test

fix:             ## put the code into its form
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

lock:            ## pin the dependencies anew, with hashes (needs uv)
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.lock
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-peers.in -o requirements-peers.lock

bench:           ## measure what the README claims
	.venv/bin/python benchmarks/crawl.py
	.venv/bin/python benchmarks/reading.py --seeds 2000:2012
	.venv/bin/python benchmarks/fuzz.py
	.venv/bin/python benchmarks/search.py
	.venv/bin/python benchmarks/scale.py
	.venv/bin/python benchmarks/noise.py
	.venv/bin/python benchmarks/portals.py
	.venv/bin/python benchmarks/year.py

faults:          ## two hundred kills, and full disks at every stage (needs root for its small disks)
	.venv/bin/python benchmarks/faults.py
	.venv/bin/python benchmarks/faults.py --disk
