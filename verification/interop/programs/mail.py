"""Deals with events from the confirmed place on, confirms up to TO, deals with 30 more, and waits to be killed: mail.py JOURNAL RING TO"""

import sys
import time

import rusted_ring as rr


def main() -> None:
    directory, name, to = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with rr.Ring.open(name, "u8") as ring, rr.Journal(directory) as journal, journal.position("mail") as mail:
        done = mail.confirmed
        assert done is not None
        print("began", done.epoch, done.next, flush=True)
        journal.resume(ring)
        with journal.subscribe(ring, "python", done.next) as reader:
            for number in range(done.next, to + 30):
                assert reader.receive(1, 20).tolist() == [number]
                if number + 1 <= to and (number + 1) % 50 == 0:
                    mail.confirm(done.epoch, number + 1)
            print("dealt", to + 30, flush=True)
            time.sleep(60)


main()
