import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";

/** The keys that versitygw is started with; moto takes any. */
export const s3Keys = { accessKeyId: "test", secretAccessKey: "testtest" } as const;

/** A client of an emulator of S3. */
export function s3Client(endpoint: string): S3Client {
  return new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials: s3Keys });
}

/** Makes a bucket in an emulator of S3. */
export async function makeBucket(endpoint: string, name: string): Promise<void> {
  await s3Client(endpoint).send(new CreateBucketCommand({ Bucket: name }));
}
