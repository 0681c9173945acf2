import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";

/** Where a bucket is, and as whom it is opened. */
export interface Bucket {
	name: string;
	/** An S3-compatible server instead of AWS, by its URL. */
	endpoint?: string | undefined;
	region?: string | undefined;
	/** Otherwise the usual `AWS_…` variables and files. */
	credentials?: {
		accessKeyId: string;
		secretAccessKey: string;
		sessionToken?: string;
	};
}

/** The SDK is loaded by the first that needs it; most servers never do. */
export const loadSdk = async () => ({
	...(await import("@aws-sdk/client-s3")),
	...(await import("@aws-sdk/lib-storage")),
});

export type Sdk = Awaited<ReturnType<typeof loadSdk>>;

export function connect(sdk: Sdk, bucket: Bucket): S3Client {
	const { endpoint, credentials } = bucket;
	const config: S3ClientConfig = {
		region: bucket.region ?? process.env.AWS_REGION ?? "us-east-1",
		// Checksums of AWS's own that other servers do not all know; MD5 is checked anyway.
		requestChecksumCalculation: "WHEN_REQUIRED",
		responseChecksumValidation: "WHEN_REQUIRED",
		...(credentials && { credentials }),
		...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
	};
	return new sdk.S3Client(config);
}
