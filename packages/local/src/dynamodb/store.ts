import { loadEngine, type Store, type Table } from "./engine.ts";
import type { DynamoDbState } from "./state.ts";

/** A region's tables, opened from the state. */
interface Opened {
  readonly store: Store;
  /** How many times its entries were read, and which of these readings is kept. */
  read: number;
  kept: number;
}

// By the state: it lives as long as its server.
const openedOf = new WeakMap<DynamoDbState, Map<string, Promise<Opened>>>();

/** Where a request's tables are. */
export interface Place {
  readonly state: DynamoDbState;
  readonly region: string;
  readonly accountId: string;
}

/** The tables of a region. */
export async function storeOf(place: Place): Promise<Store> {
  return (await open(place)).store;
}

/** Puts what the tables hold now into the state. @param save keeps the state */
export async function keep(place: Place, save: () => void): Promise<void> {
  const opened = await open(place);
  opened.read += 1;
  const reading = opened.read;
  const entries = await opened.store.db.iterator().all();
  if (reading < opened.kept) return; // a later reading, which holds this change too, is kept already
  opened.kept = reading;
  place.state.regions[place.region] = entries;
  save();
}

/** A table; undefined where there is none. */
export function tableOf(store: Store, name: string): Promise<Table | undefined> {
  return new Promise((resolve) => store.tableDb.get(name, (error, table) => resolve(error ? undefined : table)));
}

/** Waits until a table is made, changed or gone: dynalite takes a moment, AWS some seconds. */
export async function settled(store: Store, name: string): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const table = await tableOf(store, name);
    if (table === undefined || table.TableStatus === "ACTIVE") return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function open({ state, region, accountId }: Place): Promise<Opened> {
  const byRegion = openedOf.get(state) ?? new Map<string, Promise<Opened>>();
  openedOf.set(state, byRegion);
  const opened = byRegion.get(region) ?? create(state, region, accountId);
  byRegion.set(region, opened);
  return opened;
}

async function create(state: DynamoDbState, region: string, accountId: string): Promise<Opened> {
  const store = loadEngine().createStore();
  store.tableDb.awsRegion = region;
  store.tableDb.awsAccountId = accountId;
  for (const [key, value] of state.regions[region] ?? []) await store.db.put(key, value);
  return { store, read: 0, kept: 0 };
}
