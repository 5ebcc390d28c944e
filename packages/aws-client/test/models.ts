import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as kms from "@aws-sdk/client-kms";
import * as secretsmanager from "@aws-sdk/client-secrets-manager";
import * as ssm from "@aws-sdk/client-ssm";
import type { Service } from "../src/index.ts";

/** All that the SDK's client packages export: its exceptions as classes, its schemas as names that end in `$`. */
export const models: Readonly<Record<Service, Readonly<Record<string, unknown>>>> = {
  kms,
  secretsmanager,
  ssm,
  dynamodb,
};

/** An error shape of a service's model. */
export interface ErrorShape {
  readonly name: string;
  /** 400 where the client is at fault, else 500: what the AWS JSON protocol answers. */
  readonly status: 400 | 500;
}

/** The error shapes that the SDK knows of a service. */
export function shapesOf(service: Service): readonly ErrorShape[] {
  return Object.values(models[service]).flatMap((exported) => {
    if (typeof exported !== "function" || !("shapeId" in exported)) return [];
    const Exception = exported as unknown as new (options: object) => { name?: string; $fault: "client" | "server" };
    const { name, $fault } = new Exception({ message: "", $metadata: {} });
    // The base class of a service's errors has none.
    if (name === undefined) return [];
    return [{ name, status: $fault === "server" ? 500 : 400 }];
  });
}
