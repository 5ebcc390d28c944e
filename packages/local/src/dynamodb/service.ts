import type { Service } from "../service.ts";
import { operation } from "./operation.ts";
import type { DynamoDbState } from "./state.ts";

// What dynalite knows: no transactions, no streams, no PartiQL.
const operations = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
];

/** Amazon DynamoDB, by dynalite. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/Welcome.html */
export const dynamoDb: Service<DynamoDbState> = {
  name: "dynamodb",
  targetPrefix: "DynamoDB_20120810.",
  jsonVersion: "1.0",
  // Items and expression values may be secret; keys are names.
  logged: [
    "TableName",
    "IndexName",
    "Key",
    "ConsistentRead",
    "Limit",
    "ScanIndexForward",
    "Select",
    "KeyConditionExpression",
    "ConditionExpression",
    "ProjectionExpression",
    "ExpressionAttributeNames",
    "ReturnValues",
    "ReturnConsumedCapacity",
  ],
  initial: () => ({ regions: {} }),
  operations: new Map(operations.map((name) => [name, operation(name)])),
};
