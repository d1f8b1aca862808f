import { create } from "@bufbuild/protobuf";
import { type GPUAccelerator, GPUAcceleratorSchema } from "@flyte-ts/idl/core";

/** A kind of GPU or TPU, by the name that the cluster's machines are labelled with. */
export interface Accelerator {
  /** The device, such as `nvidia-tesla-t4`. */
  readonly device: string;
  /** Its partition (`1g.5gb`) or slice (`2x2`); `null` for a device that is not partitioned. Any when left out. */
  readonly partition?: string | null;
}

/** An accelerator that comes in parts. */
export interface PartitionedAccelerator<Size extends string> extends Accelerator {
  /** One part of the device. */
  of(size: Size): Accelerator;
  /** The whole device, on a machine that does not part it. */
  readonly unpartitioned: Accelerator;
}

function parted<Size extends string>(device: string): PartitionedAccelerator<Size> {
  return { device, of: (partition) => ({ device, partition }), unpartitioned: { device, partition: null } };
}

type FlatSlice = "1x1" | "2x2" | "2x4" | "4x4" | "4x8" | "8x8" | "8x16" | "16x16";
type CubicSlice =
  | "2x2x1"
  | "2x2x2"
  | "2x4x4"
  | "4x4x4"
  | "4x4x8"
  | "4x8x8"
  | "8x8x8"
  | "8x8x16"
  | "8x16x16"
  | "16x16x16"
  | "16x16x24";

/** The accelerators that flytekit names. Any other is `{ device: "…" }`. */
export const accelerators = {
  A10G: { device: "nvidia-a10g" },
  L4: { device: "nvidia-l4" },
  L4_VWS: { device: "nvidia-l4-vws" },
  L40S: { device: "nvidia-l40s" },
  K80: { device: "nvidia-tesla-k80" },
  M60: { device: "nvidia-tesla-m60" },
  P4: { device: "nvidia-tesla-p4" },
  P100: { device: "nvidia-tesla-p100" },
  T4: { device: "nvidia-tesla-t4" },
  V100: { device: "nvidia-tesla-v100" },
  H100: { device: "nvidia-h100" },
  H200: { device: "nvidia-h200" },
  RTX_PRO_6000: { device: "nvidia-rtx-pro-6000" },
  /** `accelerators.A100.of("2g.10gb")`. */
  A100: /* @__PURE__ */ parted<"1g.5gb" | "2g.10gb" | "3g.20gb" | "4g.20gb" | "7g.40gb">("nvidia-tesla-a100"),
  A100_80GB: /* @__PURE__ */ parted<"1g.10gb" | "2g.20gb" | "3g.40gb" | "4g.40gb" | "7g.80gb">("nvidia-a100-80gb"),
  /** `accelerators.V5E.of("2x4")`. */
  V5E: /* @__PURE__ */ parted<FlatSlice>("tpu-v5-lite-podslice"),
  V5P: /* @__PURE__ */ parted<CubicSlice>("tpu-v5p-slice"),
  V6E: /* @__PURE__ */ parted<FlatSlice>("tpu-v6e-slice"),
} as const;

/** The wire form of an accelerator. */
export function acceleratorMessage({ device, partition }: Accelerator): GPUAccelerator {
  return create(GPUAcceleratorSchema, {
    device,
    ...(partition === undefined
      ? {}
      : {
          partitionSizeValue:
            partition === null ? { case: "unpartitioned", value: true } : { case: "partitionSize", value: partition },
        }),
  });
}
