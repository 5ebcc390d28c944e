import { type AwsError, awsError } from "./error.ts";

const maxSkewMs = 5 * 60 * 1000;

/**
 * Checks when a request was signed (its `X-Amz-Date`): within five minutes of the server's clock.
 *
 * @throws AwsError `IncompleteSignatureException` where it is no date, `InvalidSignatureException` where it is too far off.
 */
export function checkDate(time: string | undefined, nowMs: number): asserts time is string {
  if (time === undefined) {
    const either = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    throw awsError("IncompleteSignatureException", either);
  }
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const timeMs = iso === time ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(timeMs)) {
    const see = "See http://en.wikipedia.org/wiki/ISO_8601";
    throw awsError("IncompleteSignatureException", `Date must be in ISO-8601 'basic format'. Got '${time}'. ${see}`);
  }
  if (timeMs < nowMs - maxSkewMs) {
    const since = `${basic(nowMs - maxSkewMs)} (${basic(nowMs)} - 5 min.)`;
    throw invalid(`Signature expired: ${time} is now earlier than ${since}`);
  }
  if (timeMs > nowMs + maxSkewMs) {
    const until = `${basic(nowMs + maxSkewMs)} (${basic(nowMs)} + 5 min.)`;
    throw invalid(`Signature not yet current: ${time} is still later than ${until}`);
  }
}

const basic = (timeMs: number): string => new Date(timeMs).toISOString().replace(/[-:]|\.\d{3}/g, "");

const invalid = (message: string): AwsError => awsError("InvalidSignatureException", message);
