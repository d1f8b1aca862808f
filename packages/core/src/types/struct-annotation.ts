/** Says that values of a STRUCT type travel as msgpack; part of the cache identity (flytekit's core/constants.py). */
export const msgpackAnnotation = {
  $typeName: "flyteidl.core.TypeAnnotation" as const,
  annotations: { "cache-key-metadata": { "serialization-format": "msgpack" } },
};
