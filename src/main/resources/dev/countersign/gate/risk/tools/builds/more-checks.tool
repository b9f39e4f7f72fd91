# Checkers: each one's --help or manual
tool dotenv-linter clippy-driver xenon kube-score polaris tfsec terrascan perlcritic phan infection gitlint zizmor bearer licensed sorbet dockle conftest kubescape regula pluto
default low test
flag -o,--output,--out =write
flag --fix,--write,-w,--autofix medium write changes files
sub update,download,init high install.code gets rules or code
tool oxfmt ocamlformat stylish-haskell perltidy djhtml rector pint towncrier reno git-cliff conventional-changelog terraform-docs syncpack
default medium write changes files
flag --check,-c,--test,--dry-run,--list-different,-l lowers
flag -o,--output =write
sub list,list-mismatches,lint low test
tool govulncheck osv-scanner pip-audit-report
default medium net.facts asks the package server for facts
tool snyk sonar-scanner infracost codeql semgrep-ci
default high net.send-metadata tells a service about the project
sub login,auth,ci,monitor critical net.send sends data out of the VM
sub version,resolve+languages low
tool codecov coveralls datadog-ci sentry-cli newrelic bugsnag-cli wandb
default critical net.send sends data out of the VM
flag --version,-h,--help lowers
sub info,version,offline low
tool act drone woodpecker-cli circleci buildkite-agent travis gitlab-runner
default high run.code runs what a pipeline says
flag -l,--list,-n,--dryrun,--graph lowers
sub config,lint,validate,version,help low test
sub exec high run.code runs what a pipeline says
sub setup,trigger,deploy,runner,pipeline,context,namespace,start,enable,encrypt,register critical deploy.release works on a service that others use
tool lynis rkhunter chkrootkit clamscan debsums tripwire
default medium read.outside looks at the whole machine
