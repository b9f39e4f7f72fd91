# zipinfo(1) getcap(8) toml-cli parquet-tools avro-tools xxhsum(1)
tool zipinfo getcap parquet-tools parquet pqrs avro-tools avrocat
default read
args read
tool toml toml-cli
default medium write changes a file
sub get,check read
sub set medium write changes a file
tool sha3sum xxhsum b3sum
default read
args read
