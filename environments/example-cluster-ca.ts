/**
 * The certificate that signs the Kubernetes API server's: take your cluster's own, from
 * `kubectl config view --raw --minify`. This one belongs to no cluster; its key was thrown away.
 */
export const EXAMPLE_CLUSTER_CA = `\
-----BEGIN CERTIFICATE-----
MIIBkDCCATWgAwIBAgIUPaXtYc0T1IurzuasUTZULvxbzEowCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSZXhhbXBsZSBjbHVzdGVyIENBMB4XDTI2MTEyNDExNTM0M1oX
DTM2MTEyMTExNTM0M1owHTEbMBkGA1UEAwwSZXhhbXBsZSBjbHVzdGVyIENBMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETTPismEiE4TY2v11+x/bRlzv6N56pTNX
saeigVf/3rtEMShU0syJgYDXTFQ+XySN139MdI0xRd0DKWlDWhmjGqNTMFEwHQYD
VR0OBBYEFK1qqO8JmDwMv/CJfYxDEPG/cwTDMB8GA1UdIwQYMBaAFK1qqO8JmDwM
v/CJfYxDEPG/cwTDMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIh
AOkIKAC6Wxf/rLjnQkBv5hvd5lc7IxTp6XBogttvlJP0AiEAwPxPayueDD/fHwhB
SBECyLkeQGEI7mFkqcH3nJ4ESoA=
-----END CERTIFICATE-----
`;
