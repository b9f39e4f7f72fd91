# Login shells get what the agent has: the way out through Countersign's proxy.
for countersign_file in /etc/countersign/egress.env /etc/countersign/origins.env; do
    [ -r "$countersign_file" ] || continue
    while IFS='=' read -r name value; do
        case $name in
            ''|'#'*) ;;
            *) export "$name=$value" ;;
        esac
    done < "$countersign_file"
done
unset countersign_file
if [ -r /etc/countersign/ca.pem ]; then
    export SSL_CERT_FILE=/etc/countersign/ca.pem NODE_EXTRA_CA_CERTS=/etc/countersign/ca.pem
    export REQUESTS_CA_BUNDLE=/etc/countersign/ca.pem PIP_CERT=/etc/countersign/ca.pem
    export GIT_SSL_CAINFO=/etc/countersign/ca.pem CARGO_HTTP_CAINFO=/etc/countersign/ca.pem
    export CURL_CA_BUNDLE=/etc/countersign/ca.pem
fi
