# keytool(1)
tool keytool
default critical secrets.key makes or changes keys
flag -list,-printcert lowers
flag -storepass,-keypass,-srcstorepass,-deststorepass =secret
flag -keystore,-alias,-file =value
single
