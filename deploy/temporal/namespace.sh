#!/bin/sh
# Makes the namespace of Innervisor's workflows, which are kept for thirty days. Run again, it changes nothing.
# Its server is that of TEMPORAL_ADDRESS.
set -eu

until temporal operator cluster health; do sleep 1; done
temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1 ||
  temporal operator namespace create --namespace "$NAMESPACE" --retention 30d
# A namespace that was just made is known everywhere some seconds later.
until temporal schedule list --namespace "$NAMESPACE" >/dev/null; do sleep 1; done
