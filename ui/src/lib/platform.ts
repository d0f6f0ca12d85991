// Which keys this computer calls by which name.
import type { Platform } from "./commands";

export const platform: Platform = /Mac/.test(navigator.userAgent) ? "mac" : "other";
