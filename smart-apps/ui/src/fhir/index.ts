/** Components for FHIR data types and for whole resources. */
export { ReferenceLink, type HrefOf } from './ReferenceLink.tsx';
export { ResourceView } from './ResourceView.tsx';
export {
  AddressText,
  AgeText,
  AnnotationText,
  AttachmentText,
  CodingText,
  ConceptText,
  ContactPointText,
  DateText,
  DosageText,
  HumanNameText,
  IdentifierText,
  MoneyText,
  PeriodText,
  QuantityText,
  RangeText,
  RatioText,
  TimingText,
} from './values.tsx';
