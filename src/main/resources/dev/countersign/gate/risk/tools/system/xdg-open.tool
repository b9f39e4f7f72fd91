# kill(1) systemctl(1) mount(8) useradd(8) shutdown(8) sysctl(8) losetup(8) insmod(8)
tool xdg-open open sensible-browser xdotool ydotool wmctrl xclip xsel pbcopy pbpaste wl-copy wl-paste
default high run.open opens a program that the text names
