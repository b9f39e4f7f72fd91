# Ruby's linters and servers
tool srb tapioca bundle-audit bundler-audit i18n-tasks haml-lint erblint erb_lint slim-lint fasterer flog flay rails_best_practices steep
default low test
flag -a,-A,--autocorrect medium write changes files
