# screen(1)
tool screen
default medium opens a terminal that stays
flag -ls,-list,-v lowers
special screen
