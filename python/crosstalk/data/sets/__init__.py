"""The known data sets: one file each, one line each."""

from crosstalk.data.sets import california, cifar10, digits, sarcos, svhn

KNOWN = {
    known.name: known
    for known in (
        digits.SET,
        california.SET,
        sarcos.SET,
        cifar10.SET,
        svhn.SET,
    )
}
