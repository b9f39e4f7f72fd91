# packer, vagrant-like builders
tool packer
default critical infra.apply makes machine images
sub validate,fmt,inspect,version low test
sub init,plugins high install.code
