# make(1) cmake(1) mvn(1) gradle, cargo(1), go(1), gcc(1), rake, bundle, composer, mix, bazel, sbt, dotnet, swift
tool clang-tidy cppcheck scan-build cpplint include-what-you-use shellcheck hadolint actionlint tflint golangci-lint staticcheck gosec errcheck revive ktlint detekt checkstyle spotbugs pmd rubocop reek brakeman standardrb phpstan psalm phpcs phpmd credo swiftlint hlint luacheck vale lychee gitleaks trufflehog typos ls-lint vacuum spectral ameba
default low test
flag --fix,-fix,-w,--write,-a,-A,--autocorrect,--auto-correct,--autocorrect-all,-F,--format,--fix-errors medium write changes files
flag -c,--config,-p,-o,--rules,--severity,-s,-e,-f =value
sub run,lint,check,detect,analyse,analyze low test
sub push critical deploy.release
