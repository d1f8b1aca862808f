/** Where a task's code is fetched from when it is not in the image (fast registration). */
export interface FastRegistration {
  /** The archive's URI; flytectl fills in `{{ .remote_package_path }}`. */
  readonly distribution: string;
  /** The folder that it is unpacked to; flytectl fills in `{{ .dest_dir }}`. */
  readonly destination: string;
}

/** What turning entities into Flyte's messages needs to know. */
export interface SerializationSettings {
  /** Empty where whoever registers the package fills it in. */
  readonly project: string;
  readonly domain: string;
  readonly version: string;
  /** The module that the entities are exported from, relative to the container's working folder. */
  readonly module: string;
  /** The image of the author's own tasks. */
  readonly image?: string;
  /** The registry of the plugins' images, in the place of the configured one. */
  readonly imageRegistry?: string;
  /** Environment variables of all containers of the author's own tasks. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly fastRegistration?: FastRegistration;
  /** The largest object that the cluster reads, in MiB (Flyte's `storage.limits.maxDownloadMBs`); 2 by default, as there. */
  readonly maxDownloadMBs?: number;
}
