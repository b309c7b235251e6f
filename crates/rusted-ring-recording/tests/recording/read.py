"""Says what Python's reader of MCAP finds in a recording, as JSON."""

import json
import struct
import sys

from mcap.exceptions import EndOfFile, McapError
from mcap.reader import make_reader
from mcap.records import Message, Metadata
from mcap.stream_reader import StreamReader
from mcap_ros1.decoder import DecoderFactory


def plain(value):
    """A field as JSON has it: bytes as a list of numbers."""
    return list(value) if isinstance(value, (bytes, list, tuple)) else value


def indexed(path):
    """By the index, with every check, and decoded by the schemas that the file brings."""
    with open(path, "rb") as stream:
        reader = make_reader(stream, validate_crcs=True, decoder_factories=[DecoderFactory()])
        summary = reader.get_summary()
        topics = {channel.metadata["rusted-ring"]: channel.topic for channel in summary.channels.values()}
        events = [
            {field: plain(getattr(event, field)) for field in event.__slots__} | {"time": message.log_time, "low": message.sequence}
            for _schema, _channel, message, event in reader.iter_decoded_messages(topics=[topics["events"]])
        ]
        missing = [
            json.loads(message.data) for _schema, _channel, message in reader.iter_messages(topics=[topics["missing"]])
        ]
        schemas = {schema.name: schema.encoding for schema in summary.schemas.values()}
        required = next(json.loads(schema.data)["required"] for schema in summary.schemas.values() if schema.encoding == "jsonschema")
        assert all(set(required) <= set(found) for found in missing)
        return {
            "chunks": summary.statistics.chunk_count,
            "topics": topics,
            "schemas": schemas,
            "events": events,
            "missing": missing,
            "metadata": {record.name: record.metadata for record in reader.iter_metadata()},
        }


def recovered(path):
    """How many messages there are up to where the file ends, be it whole or not."""
    messages, balances = 0, 0
    with open(path, "rb") as stream:
        try:
            for record in StreamReader(stream, validate_crcs=True).records:
                messages += isinstance(record, Message)
                balances += isinstance(record, Metadata)
        except (EndOfFile, McapError, struct.error):
            pass
    return {"messages": messages, "balances": balances}


print(json.dumps({"indexed": indexed, "recovered": recovered}[sys.argv[1]](sys.argv[2])))
