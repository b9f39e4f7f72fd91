# keytool(1)
tool keytool
default critical secrets.key makes or changes keys
flag -list,-printcert lowers
flag -keystore,-alias,-storepass,-file =value
single
