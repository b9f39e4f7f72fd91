# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool jest vitest mocha ava tap c8 nyc karma jasmine cypress playwright eslint tslint stylelint standard xo oxlint markdownlint markdownlint-cli2 commitlint depcheck knip svelte-check vue-tsc cspell textlint
default low test
flag --fix,-w,--write,-u,--updateSnapshot,--update,--update-snapshots medium write changes files
flag -c,--config,-t,-f,--format,-o,--output-file,--reporter,--ext,--testNamePattern,--project =value
flag --config =script
flag --globalSetup,--setupFiles,--resolver,--rulesdir,--plugin,--require,-r =value medium run.project
flag --init high install.code
sub install,install-deps high install.code installs browsers
sub open,codegen,show-report,show-trace,merge-reports medium run.project
flag --apply,--apply-unsafe,--unsafe,--fix-dry-run low
