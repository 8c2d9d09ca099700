export function kernelBinaries(): Promise<string>
