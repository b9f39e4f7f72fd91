# Programs whose purpose is to publish
tool semantic-release np release-it auto changelogen-publish chromatic percy pkg-pr-new yalc-publish surge-cli gh-pages
default critical deploy.release publishes
flag --dry-run,-n,-d high deploy.release
