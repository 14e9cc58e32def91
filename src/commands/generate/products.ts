/** What the shop sells, and to whom. */

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: number;
}

export const products: readonly Product[] = [
  { sku: 'TEA-0101', name: '煎茶 Sencha, 100 g', price: 12.9 },
  { sku: 'TEA-0102', name: 'Earl Grey, 250 g', price: 9.5 },
  { sku: 'TEA-0207', name: 'Матча Uji, 30 g', price: 24 },
  { sku: 'COF-1001', name: 'Café de Olla, 500 g', price: 15.75 },
  { sku: 'COF-1004', name: 'Espresso "Über", 1 kg', price: 21.2 },
  { sku: 'COF-1010', name: 'Yirgacheffe, 250 g', price: 13.4 },
  { sku: 'MUG-2001', name: 'Mug, stoneware, 350 ml', price: 18 },
  { sku: 'MUG-2002', name: 'Mug with a cat 🐈', price: 16.5 },
  { sku: 'MUG-2015', name: 'Tumbler, double wall', price: 29.95 },
  { sku: 'POT-3001', name: 'Kyūsu teapot, 300 ml', price: 64 },
  { sku: 'POT-3003', name: 'French press, 1 l', price: 39.9 },
  { sku: 'POT-3009', name: 'Moka pot, 6 cups', price: 34.5 },
  { sku: 'FIL-4001', name: 'Paper filters No. 4, 100', price: 3.2 },
  { sku: 'FIL-4002', name: 'Filtre réutilisable', price: 14.1 },
  { sku: 'GRD-5001', name: 'Hand grinder, ceramic', price: 59 },
  { sku: 'GRD-5002', name: 'Mühle, elektrisch', price: 189 },
  { sku: 'SWT-6001', name: 'Crème brûlée torch', price: 27.3 },
  { sku: 'SWT-6002', name: 'Honey, 500 g 🍯', price: 11.6 },
  { sku: 'SWT-6003', name: 'Spekulatius, 400 g', price: 6.8 },
  { sku: 'GFT-9001', name: 'Gift card', price: 50 },
];

export const searchTerms = ['tea', 'grinder', 'mug', 'crème', '煎茶', 'gift', 'filter no. 4'];

export const currencies = ['EUR', 'USD', 'GBP', 'JPY', 'CHF'];

export const userAgents = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'ShopApp/7.3.1 (iPhone17,1; iOS 18.6.2; Scale/3.00)',
  'ShopApp/7.3.0 (Pixel 9; Android 16)',
];
