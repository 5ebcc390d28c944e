/** All that a region's tables and items are to dynalite. */
export type Entries = readonly (readonly [key: string, value: unknown])[];

/** DynamoDB's memory: what dynalite holds, so that it can be kept in a folder. */
export interface DynamoDbState {
  readonly regions: Record<string, Entries>;
}
