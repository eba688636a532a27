/** All nine spellings name the same domain in DNS. */
export const FORM = 'ada@zürich.example';
export const SPELLINGS = [
  FORM,
  'ada@xn--zrich-kva.example',
  'ADA@XN--Zrich-KVA.Example',
  'ada@zu\u0308rich.example',
  'ada@ｚürich.example',
  'ada@𝐳ü𝕣𝒾𝖼𝚑.example',
  'ada@ｘｎ－－zrich-kva.example',
  'ada@zürich。ⓔⓧⓐⓜⓟⓛⓔ',
  ' ada@zü\u00adri\u200bch.example ',
];
