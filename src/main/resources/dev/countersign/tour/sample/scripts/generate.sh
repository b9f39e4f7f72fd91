#!/bin/sh
# Writes web/rates.mjs from rates.json. Leaves a marker, so that the tour can show whether it ran.
set -eu
cd "$(dirname "$0")/.."
{
    echo '// Generated from rates.json by scripts/generate.sh. Don'"'"'t edit.'
    printf 'export const rates = '
    cat rates.json | sed '$ s/}$/};/'
} > web/rates.mjs
mkdir -p tour-markers
echo 'scripts/generate.sh ran' > tour-markers/generated
echo 'web/rates.mjs is up to date'
