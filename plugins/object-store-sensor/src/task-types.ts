/** The task type of sensors that wait in a container of the author's. */
export const containerTaskType = "object-store-sensor";

/** The task type of sensors that a connector service waits for. */
export const connectorTaskType = "object-store-sensor-connector";
