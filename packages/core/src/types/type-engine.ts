export class TypeEngine {}
