/** The name of the file that a writer makes in a dataset's folder: flytekit's CSV handler writes and reads this one. */
export const csvFileName = ".csv";
