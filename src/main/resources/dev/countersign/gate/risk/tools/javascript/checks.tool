# Tools that look at a JavaScript project and change nothing
tool madge depcruise dependency-cruiser size-limit bundlesize license-checker license-checker-rseidelsohn source-map-explorer ts-prune unimported jscpd publint attw tsd type-coverage es-check are-the-types-wrong web-test-runner wtr testcafe nightwatch wdio backstop detox ts-unused-exports dpdm skott secretlint alex write-good cspell-cli html-validate htmlhint jsonlint ajv svelte-kit-check astro-check vue-tsc-check lint-md remark swagger-cli redocly graphql-inspector attw-cli node-tap tape uvu zora
default low test
flag -o,--output,--out =write
flag --fix,-u,--update,-w,--write medium write changes files
