import { type AwsClients, defaultRegion } from "../../packages/aws-client/src/index.ts";
import { askBy, patient } from "./admin.ts";
import { recorded } from "./made.ts";
import { settled } from "./settled.ts";

// For the tests alone: live.ts starts them with this, and cleans up by the file.
const { LIVE_MADE, LIVE_SETTLE_MS } = process.env;
if (!LIVE_MADE) throw new Error("start it with pnpm live, which cleans up after it");
const file = LIVE_MADE;

/** These clients, as a contract on an account needs them. */
export const onAccount = (send: AwsClients): AwsClients => settled(recorded(send, file), Number(LIVE_SETTLE_MS));

export const region: string = defaultRegion();

/** Prepares the tests. */
export const admin = askBy(onAccount(patient));
