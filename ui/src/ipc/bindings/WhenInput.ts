export type WhenInput = { "kind": "allDay", start: string, end: string, } | { "kind": "timed", start: string, end: string, zone: string, } | { "kind": "floating", start: string, end: string, };
