# vsce and ovsx: extensions for editors
tool vsce ovsx
default medium build
sub ls,show,search low
sub publish,unpublish,login,logout,create-publisher,delete-publisher critical deploy.release publishes an extension
