"""CIFAR-10's binary batches: the bytes are a training batch and the test batch. Of each byte of the input 3,073 are
made where it begins with "records": images are large, and what can be wrong with a record is its first byte."""

import reading
from crosstalk.data.sets import KNOWN
from crosstalk.data.sets.cifar10 import RECORD

MARK = b"records"


def read(data):
    if data.startswith(MARK):
        data = b"".join(bytes([label]) * RECORD for label in data[len(MARK) :][:40])
    path = str(reading.file("data_batch_1.bin", data))
    cifar = KNOWN["cifar10"]
    for files in ({"data_batch_1.bin": path}, {"data_batch_1.bin": path, "test_batch.bin": path}):
        if reading.is_taken(cifar.choose, files, {}):
            reading.is_taken(reading.convert, cifar, files, {})
