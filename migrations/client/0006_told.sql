-- A frame may also be 4: the relay has said that it is durable, and has not shown it yet.
CREATE INDEX frame_told ON frame (calendar, incarnation, seq) WHERE sent = 4;
