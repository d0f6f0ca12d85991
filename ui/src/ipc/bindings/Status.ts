export type Status = "confirmed" | "tentative" | "cancelled";
