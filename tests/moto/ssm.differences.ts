// Where moto 5.2.5's SSM does not do as AWS's: data, as differences.ts has it for KMS. moto answers no `Selector`, so that of several
// versions of one parameter nobody can tell which is which.
import type { Differences, DifferentAnswer } from "./differences.ts";

const noSelector = { moto: "answers no Selector", fails: "there is no such parameter with " };

export const ssmDifferences: Differences = {
  "a version is read by its number and by its label, the latest by neither": noSelector,
  "a label that moved is followed": noSelector,
  "all versions of one parameter, with others, in whatever order, each come to their own": noSelector,
  "a version is read by its parameter's ARN too": noSelector,
  "what was written over stays within reach by its version": noSelector,
};

export const ssmAnswers: readonly DifferentAnswer<unknown>[] = [
  {
    request: "GetParameters of a name twice",
    aws: "HTTP 400, ValidationException",
    operation: "GetParameters",
    input: () => ({ Names: ["/not-there", "/not-there"] }),
    moto: { status: 200, body: { Parameters: [], InvalidParameters: ["/not-there", "/not-there"] } },
  },
];
