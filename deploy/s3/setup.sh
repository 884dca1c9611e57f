#!/bin/sh
# Makes the bucket, and lets everybody read the lists of peers in it, which are signed. Run again, it changes nothing.
# Keys are given to curl on stdin, so that they stand on no command line.
set -eu

s3() {
  printf 'user = "%s:%s"\n' "$S3_ACCESS_KEY" "$S3_SECRET_KEY" |
    curl --config - --silent --show-error --aws-sigv4 "aws:amz:$S3_REGION:s3" \
      --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' "$@"
}

status=$(s3 --output /dev/null --write-out '%{http_code}' --request PUT "$S3_ENDPOINT/$S3_BUCKET")
case $status in
  200 | 409) ;; # made, or there already
  *)
    echo "the S3 server at $S3_ENDPOINT doesn't make the bucket $S3_BUCKET: status $status; look at its log and at the keys" >&2
    exit 1
    ;;
esac
policy='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::'"$S3_BUCKET"'/peers/*"}]}'
s3 --fail --request PUT --header 'content-type: application/json' --data "$policy" "$S3_ENDPOINT/$S3_BUCKET?policy="
