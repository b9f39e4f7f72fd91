# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool jest vitest mocha ava tap c8 nyc karma jasmine cypress playwright eslint tslint stylelint standard xo oxlint markdownlint markdownlint-cli2 commitlint depcheck knip svelte-check vue-tsc cspell textlint
default low test
flag --fix,-w,--write,-u,--updateSnapshot,--update,--update-snapshots medium write changes files
flag --rule,--parser-options,--env,--global,--ignore-pattern,--ignore-path,--max-warnings,--cache-location =value
flag --resolve-plugins-relative-to,--rootDir,--roots,--root =config
flag -t,-f,--format,-o,--output-file,--reporter,--ext,--testNamePattern,--project =value
flag -c,--config =script
flag --rulesdir =config medium run.project
flag --globalSetup,--setupFiles,--setupFilesAfterEach,--require,-r,--file =script
flag --resolver,--plugin =value medium run.project
flag --init high install.code
sub install,install-deps high install.code installs browsers
sub open,codegen,show-report,show-trace,merge-reports medium run.project
flag --apply,--apply-unsafe,--unsafe,--fix-dry-run low
