#include "kql/runtime/units.h"

#include <numbers>
#include <optional>
#include <span>

#include "kql/runtime/dynamic.h"

namespace huntbook::kql::runtime {
namespace {

using Args = std::span<const Value>;

// base = value * scale + offset
struct Unit {
  std::string_view name;
  double scale;
  double offset = 0;
};

constexpr double kPi = std::numbers::pi;
constexpr Unit kAngles[] = {{"Radian", 1},
                            {"Degree", kPi / 180},
                            {"Arcminute", kPi / 10800},
                            {"Arcsecond", kPi / 648000},
                            {"Gradian", kPi / 200},
                            {"Revolution", 2 * kPi},
                            {"NatoMil", kPi / 3200},
                            {"Centiradian", 1e-2},
                            {"Deciradian", 1e-1},
                            {"Milliradian", 1e-3},
                            {"Microradian", 1e-6},
                            {"Nanoradian", 1e-9},
                            {"Millidegree", kPi / 180e3},
                            {"Microdegree", kPi / 180e6},
                            {"Nanodegree", kPi / 180e9}};
constexpr Unit kEnergies[] = {{"Joule", 1},
                              {"Kilojoule", 1e3},
                              {"Megajoule", 1e6},
                              {"Gigajoule", 1e9},
                              {"Millijoule", 1e-3},
                              {"Calorie", 4.184},
                              {"Kilocalorie", 4184},
                              {"Megacalorie", 4.184e6},
                              {"WattHour", 3600},
                              {"KilowattHour", 3.6e6},
                              {"MegawattHour", 3.6e9},
                              {"GigawattHour", 3.6e12},
                              {"BritishThermalUnit", 1055.05585262},
                              {"KilobritishThermalUnit", 1055055.85262},
                              {"ElectronVolt", 1.602176565e-19},
                              {"Erg", 1e-7},
                              {"FootPound", 1.355817948},
                              {"HorsepowerHour", 2.6845195377e6},
                              {"ThermImperial", 1.05505585257348e8},
                              {"ThermUs", 1.054804e8},
                              {"ThermEc", 1.05505585262e8}};
constexpr Unit kForces[] = {{"Newton", 1},
                            {"Decanewton", 10},
                            {"Kilonewton", 1e3},
                            {"Meganewton", 1e6},
                            {"Millinewton", 1e-3},
                            {"Micronewton", 1e-6},
                            {"Dyn", 1e-5},
                            {"KilogramForce", 9.80665},
                            {"KiloPond", 9.80665},
                            {"OunceForce", 0.27801385095378125},
                            {"PoundForce", 4.4482216152605},
                            {"KilopoundForce", 4448.2216152605},
                            {"Poundal", 0.138254954376},
                            {"ShortTonForce", 8896.443230521},
                            {"TonneForce", 9806.65}};
constexpr Unit kLengths[] = {{"Meter", 1},
                             {"Kilometer", 1e3},
                             {"Hectometer", 1e2},
                             {"Decameter", 1e1},
                             {"Decimeter", 1e-1},
                             {"Centimeter", 1e-2},
                             {"Millimeter", 1e-3},
                             {"Micrometer", 1e-6},
                             {"Nanometer", 1e-9},
                             {"Angstrom", 1e-10},
                             {"Inch", 0.0254},
                             {"Foot", 0.3048},
                             {"Yard", 0.9144},
                             {"Mile", 1609.344},
                             {"NauticalMile", 1852},
                             {"Fathom", 1.8288},
                             {"Chain", 20.1168},
                             {"Hand", 0.1016},
                             {"Mil", 2.54e-5},
                             {"Microinch", 2.54e-8},
                             {"UsSurveyFoot", 1200.0 / 3937},
                             {"AstronomicalUnit", 1.4959787070e11},
                             {"LightYear", 9.46073047258e15},
                             {"Parsec", 3.08567758128e16}};
constexpr Unit kMasses[] = {
    {"Gram", 1e-3},        {"Kilogram", 1},          {"Hectogram", 1e-1},      {"Decagram", 1e-2},
    {"Decigram", 1e-4},    {"Centigram", 1e-5},      {"Milligram", 1e-6},      {"Microgram", 1e-9},
    {"Nanogram", 1e-12},   {"Tonne", 1e3},           {"Kilotonne", 1e6},       {"Megatonne", 1e9},
    {"Pound", 0.45359237}, {"Kilopound", 453.59237}, {"Megapound", 453592.37}, {"Ounce", 0.028349523125},
    {"Stone", 6.35029318}, {"Grain", 6.479891e-5},   {"ShortTon", 907.18474},  {"LongTon", 1016.0469088},
    {"Slug", 14.593903},   {"SolarMass", 1.98947e30}};
constexpr Unit kSpeeds[] = {
    {"MeterPerSecond", 1},          {"MeterPerMinute", 1.0 / 60},     {"MeterPerHour", 1.0 / 3600},
    {"KilometerPerSecond", 1e3},    {"KilometerPerMinute", 1e3 / 60}, {"KilometerPerHour", 1e3 / 3600},
    {"CentimeterPerSecond", 1e-2},  {"MillimeterPerSecond", 1e-3},    {"FootPerSecond", 0.3048},
    {"FootPerMinute", 0.3048 / 60}, {"FootPerHour", 0.3048 / 3600},   {"InchPerSecond", 0.0254},
    {"YardPerSecond", 0.9144},      {"MilePerHour", 0.44704},         {"Knot", 1852.0 / 3600}};
constexpr Unit kTemperatures[] = {{"Kelvin", 1},
                                  {"DegreeCelsius", 1, 273.15},
                                  {"MillidegreeCelsius", 1e-3, 273.15},
                                  {"DegreeFahrenheit", 5.0 / 9, 459.67 * 5 / 9},
                                  {"DegreeRankine", 5.0 / 9},
                                  {"DegreeReaumur", 1.25, 273.15},
                                  {"DegreeDelisle", -2.0 / 3, 373.15},
                                  {"DegreeNewton", 100.0 / 33, 273.15},
                                  {"DegreeRoemer", 40.0 / 21, 273.15 - 7.5 * 40 / 21}};
constexpr Unit kVolumes[] = {{"CubicMeter", 1},
                             {"CubicKilometer", 1e9},
                             {"CubicDecimeter", 1e-3},
                             {"CubicCentimeter", 1e-6},
                             {"CubicMillimeter", 1e-9},
                             {"Liter", 1e-3},
                             {"Hectoliter", 0.1},
                             {"Deciliter", 1e-4},
                             {"Centiliter", 1e-5},
                             {"Milliliter", 1e-6},
                             {"Microliter", 1e-9},
                             {"CubicInch", 1.6387064e-5},
                             {"CubicFoot", 0.028316846592},
                             {"CubicYard", 0.764554857984},
                             {"CubicMile", 4168181825.44058},
                             {"UsGallon", 0.003785411784},
                             {"UsQuart", 9.46352946e-4},
                             {"UsPint", 4.73176473e-4},
                             {"UsOunce", 2.95735295625e-5},
                             {"UsTablespoon", 1.478676478125e-5},
                             {"UsTeaspoon", 4.92892159375e-6},
                             {"ImperialGallon", 0.00454609},
                             {"ImperialOunce", 2.84130625e-5},
                             {"OilBarrel", 0.158987294928},
                             {"AcreFoot", 1 / 0.000810714}};

std::span<const Unit> units_of(std::string_view kind) {
  if (kind == "angle") return kAngles;
  if (kind == "energy") return kEnergies;
  if (kind == "force") return kForces;
  if (kind == "length") return kLengths;
  if (kind == "mass") return kMasses;
  if (kind == "speed") return kSpeeds;
  if (kind == "temperature") return kTemperatures;
  if (kind == "volume") return kVolumes;
  return {};
}

const Unit* find_unit(std::span<const Unit> units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

void convert(std::span<const Unit> units, Args args, Value& out) {
  const Unit* from = find_unit(units, args[1].text);
  const Unit* to = find_unit(units, args[2].text);
  if (from && to) set_real(out, (args[0].real * from->scale + from->offset - to->offset) / to->scale);
}

template <const auto& units>
void convert_body(Args args, Value& out, Context&) {
  convert(units, args, out);
}

constexpr BodyEntry kBodies[] = {
    {"convert_angle", convert_body<kAngles>},
    {"convert_energy", convert_body<kEnergies>},
    {"convert_force", convert_body<kForces>},
    {"convert_length", convert_body<kLengths>},
    {"convert_mass", convert_body<kMasses>},
    {"convert_speed", convert_body<kSpeeds>},
    {"convert_temperature", convert_body<kTemperatures>},
    {"convert_volume", convert_body<kVolumes>},
};

}  // namespace

bool is_unit(std::string_view kind, std::string_view name) {
  return find_unit(units_of(kind), name) != nullptr;
}

std::span<const BodyEntry> unit_bodies() { return kBodies; }

}  // namespace huntbook::kql::runtime
