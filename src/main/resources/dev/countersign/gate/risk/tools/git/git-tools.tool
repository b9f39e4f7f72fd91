# Helpers around git that only show: tig(1), delta, difftastic, git-absorb and git-town are not among them.
tool tig gitk delta difft difftastic diff-so-fancy onefetch diffstat icdiff interdiff git-sizer
default read
