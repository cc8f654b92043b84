#!/usr/bin/env bash
# Everything a developer types, in one place; .ci/run calls it too. ./run.sh VERB
set -euo pipefail
cd "$(dirname "$0")"

readme_line() { grep -m1 -E "^python3 .*$1" README.md; }

setup() { # a venv with all that developing needs
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
}

lint() { # ruff: rules and layout
  .venv/bin/ruff check --output-format concise .
  .venv/bin/ruff format --check .
}

types() { # mypy, strict
  .venv/bin/mypy
}

test() { # the README's own test line
  bash -c "$(readme_line pytest)"
}

cover() { # the same, and the four rooms that think must be covered, by branch
  local rooms=(parse merge render jobs)
  PYTEST_ADDOPTS="--cov-branch --cov-report=term:skip-covered --cov-fail-under=95 ${rooms[*]/#/--cov=aggregator.}" test
}

bench() { # what a publish costs in a site of 10,000 entries, printed; the other benchmarks take longer, see bench/
  .venv/bin/python bench/publish.py 10000
}

tools() { # what the client tests want, of Debian and of npm; where it cannot be had they skip, and say so
  debian apache2 chromium java:default-jre-headless khal newsboat nginx:nginx-light r2e:rss2email sfeed \
    import:imagemagick neomutt postfix spamassassin thunderbird wrk xdotool Xvfb:xvfb
  command -v npm >/dev/null &&
    timeout 300 npm install --prefix build/npm --silent axe-core caniemail feedsmith ical.js vnu-jar ||
    echo "npm has nothing for us now: what wants axe, caniemail, feedsmith, ical.js or vnu will skip"
}

# PROGRAM or PROGRAM:PACKAGE ...: installs those that are not there
debian() {
  local one missing=()
  for one in "$@"; do command -v "${one%:*}" >/dev/null || missing+=("${one#*:}"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || { echo "no right to install ${missing[*]}"; return 0; }
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1  # no service is started
  timeout 300 apt-get update -qq && timeout 600 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    echo "cannot be installed, their tests will skip: ${missing[*]}"
}

clients() { # real browsers and readers, one after the other
  .venv/bin/pytest -q -m clients tests/clients
}

mutate() { # faults put into intake/ and dates.py, to see which no test notices: docs/mutation.md
  .venv/bin/pip install --quiet --disable-pip-version-check mutmut
  .venv/bin/mutmut run --max-children 2
}

docs() { # rewrite what is made from the code: the schema and the reference of feeds.yaml
  .venv/bin/aggregator schema >feeds.schema.json
  .venv/bin/python docs/reference.py >docs/feeds-yaml.md
}

demo() { # the README's other line
  bash -c "$(readme_line 'aggregator demo')"
}

freeze() { # constraints.txt anew, from what the ranges of pyproject.toml give today
  local fresh
  fresh=$(mktemp -d)
  python3 -m venv "$fresh"
  "$fresh/bin/pip" install --quiet --disable-pip-version-check '.[test]'
  "$fresh/bin/pip" freeze | grep -v bollettino >constraints.txt
  rm -r "$fresh"
}

case "${1:-}" in
  setup | lint | types | test | cover | bench | tools | clients | mutate | docs | demo | freeze) "$1" ;;
  *)
    grep -E '^[a-z]+\(\) \{ #' "$0" | sed -E 's/\(\) \{ #/\t/'
    [[ -z "${1:-}" ]] # a word that is no verb is a mistake
    ;;
esac
