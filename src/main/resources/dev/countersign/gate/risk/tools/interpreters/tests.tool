# Test runners of other languages
tool bats busted prove shunit2 shellspec roundup critest gotestsum richgo gotest ginkgo cargo-nextest lit googletest utop-test alcotest tasty hspec doctest-hs clojure-test kaocha midje speclj ert-runner buttercup vader themis testthat
default low test
flag -r,-j,-I,--lib,-l =value
