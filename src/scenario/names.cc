#include "scenario/names.h"

namespace huntbook::scenario {
namespace {

constexpr std::array<std::string_view, 48> kFirst = {
    "Amara",  "Bastian", "Celine",  "Dagny", "Edvin",  "Farah", "Gideon",  "Hanna",    "Idris",   "Jolanda",
    "Kofi",   "Lene",    "Mirek",   "Noor",  "Oskar",  "Petra", "Quentin", "Rosalind", "Stellan", "Tamsin",
    "Ulrich", "Vesna",   "Wendell", "Xenia", "Yusuf",  "Zelda", "Anselm",  "Brigid",   "Caspian", "Delia",
    "Emeka",  "Freya",   "Goran",   "Hilde", "Ines",   "Joren", "Katya",   "Leopold",  "Mirela",  "Nils",
    "Odette", "Pavel",   "Runa",    "Sorin", "Thandi", "Uma",   "Viggo",   "Willa"};

constexpr std::array<std::string_view, 48> kLast = {
    "Abernoth",    "Brandvik",   "Castellane",   "Dunmore",    "Eklundsen",      "Farrowby",   "Grenfeld",
    "Hollowick",   "Iversholt",  "Jankovar",     "Kestrelly",  "Lindqvar",       "Marchetta",  "Norwyn",
    "Okaforde",    "Pellworth",  "Quillfeather", "Rasmussel",  "Sandoval-Reyne", "Thornquist", "Ulverston",
    "Vantongeren", "Westerlow",  "Yarrowby",     "Zielinger",  "Ashgrove",       "Birkhaven",  "Corriden",
    "Draycastle",  "Elmsworth",  "Fenwicke",     "Galbrath",   "Harcastle",      "Islington",  "Jorvik",
    "Kilbrane",    "Lockridge",  "Merriweth",    "Nettlecomb", "Oldershaw",      "Penhallow",  "Ravensholm",
    "Silverlake",  "Tarkington", "Underhaven",   "Vossberg",   "Wolfenden",      "Yeltsova"};

constexpr std::array<Department, 8> kDepartments = {{{"Engineering", "Design Engineer", "Engineering"},
                                                     {"Production", "Line Planner", "Production"},
                                                     {"Sales", "Account Manager", "Sales"},
                                                     {"Finance", "Accounts Clerk", "Finance"},
                                                     {"Purchasing", "Buyer", "Purchasing"},
                                                     {"Human Resources", "HR Partner", "HR"},
                                                     {"Quality", "Quality Engineer", "Quality"},
                                                     {"IT", "Systems Administrator", "IT"}}};

constexpr std::array<City, 6> kCities = {{{"Bristol", "England", "GB", "51.4545", "-2.5879"},
                                          {"Leeds", "England", "GB", "53.8008", "-1.5491"},
                                          {"Cardiff", "Wales", "GB", "51.4816", "-3.1791"},
                                          {"Bath", "England", "GB", "51.3811", "-2.3590"},
                                          {"Edinburgh", "Scotland", "GB", "55.9533", "-3.1883"},
                                          {"Rotterdam", "Zuid-Holland", "NL", "51.9244", "4.4777"}}};

constexpr std::array<Site, 40> kSites = {{{"www.morningledger.example", "198.51.100.10", false},
                                          {"mail.tarnwick.example", "198.51.100.11", false},
                                          {"office.clouddesk.example", "198.51.100.12", false},
                                          {"files.clouddesk.example", "198.51.100.13", false},
                                          {"chat.clouddesk.example", "198.51.100.14", false},
                                          {"login.clouddesk.example", "198.51.100.15", false},
                                          {"search.findwell.example", "198.51.100.16", false},
                                          {"cdn.findwell.example", "198.51.100.17", false},
                                          {"maps.wayfare.example", "198.51.100.18", false},
                                          {"weather.skycast.example", "198.51.100.19", true},
                                          {"www.bearingcatalogue.example", "198.51.100.20", true},
                                          {"parts.boltandnut.example", "198.51.100.21", true},
                                          {"standards.metrology.example", "198.51.100.22", false},
                                          {"forum.instrumentmakers.example", "198.51.100.23", true},
                                          {"www.railtimes.example", "198.51.100.24", false},
                                          {"tickets.railtimes.example", "198.51.100.25", false},
                                          {"bank.harbourtrust.example", "198.51.100.26", false},
                                          {"invoices.paperless.example", "198.51.100.27", false},
                                          {"crm.clientbook.example", "198.51.100.28", false},
                                          {"api.clientbook.example", "198.51.100.29", false},
                                          {"video.streamlet.example", "198.51.100.30", false},
                                          {"cdn.streamlet.example", "198.51.100.31", false},
                                          {"news.daybreak.example", "198.51.100.32", true},
                                          {"ads.bannerworks.example", "198.51.100.33", true},
                                          {"stats.pagecount.example", "198.51.100.34", true},
                                          {"fonts.typecase.example", "198.51.100.35", false},
                                          {"code.githarbor.example", "198.51.100.36", false},
                                          {"packages.githarbor.example", "198.51.100.37", false},
                                          {"docs.partwise.example", "198.51.100.38", false},
                                          {"shop.officefern.example", "198.51.100.39", false},
                                          {"hr.peoplepath.example", "198.51.100.40", false},
                                          {"training.learnwell.example", "198.51.100.41", false},
                                          {"recipes.tablefare.example", "198.51.100.42", true},
                                          {"football.scoreline.example", "198.51.100.43", true},
                                          {"update.osvendor.example", "198.51.100.44", true},
                                          {"telemetry.osvendor.example", "198.51.100.45", false},
                                          {"update.guardpost.example", "198.51.100.46", false},
                                          {"cloud.guardpost.example", "198.51.100.47", false},
                                          {"update.browserly.example", "198.51.100.48", false},
                                          {"ocsp.certmark.example", "198.51.100.49", true}}};

constexpr std::string_view kWindowsProduct = "Microsoft® Windows® Operating System";
constexpr std::string_view kMicrosoft = "Microsoft Corporation";
constexpr std::string_view kWindowsVersion = "10.0.19041.4355 (WinBuild.160101.0800)";

constexpr std::array<ImageFacts, 43> kImages = {
    {{"svchost.exe", "Host Process for Windows Services", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"services.exe", "Services and Controller app", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"explorer.exe", "Windows Explorer", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"userinit.exe", "Userinit Logon Application", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"cmd.exe", "Windows Command Processor", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"conhost.exe", "Console Window Host", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"powershell.exe", "Windows PowerShell", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"rundll32.exe", "Windows host process (Rundll32)", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"whoami.exe", "whoami - displays logged on user information", kWindowsProduct, kMicrosoft,
      kWindowsVersion},
     {"net.exe", "Net Command", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"net1.exe", "Net Command", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"nltest.exe", "Microsoft® Logon Server Test Utility", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"systeminfo.exe", "Displays system information", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"ipconfig.exe", "IP Configuration Utility", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"tasklist.exe", "Lists the current running tasks", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"quser.exe", "Query User Utility", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"arp.exe", "TCP/IP Arp Command", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"wevtutil.exe", "Eventing Command Line Utility", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"schtasks.exe", "Task Scheduler Configuration Tool", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"taskhostw.exe", "Host Process for Windows Tasks", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"backgroundTaskHost.exe", "Background Task Host", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"RuntimeBroker.exe", "Runtime Broker", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"SearchProtocolHost.exe", "Microsoft Windows Search Protocol Host", kWindowsProduct, kMicrosoft,
      kWindowsVersion},
     {"WmiPrvSE.exe", "WMI Provider Host", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"sppsvc.exe", "Microsoft Software Protection Platform Service", kWindowsProduct, kMicrosoft,
      kWindowsVersion},
     {"gpupdate.exe", "Group Policy Update Utility", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"msiexec.exe", "Windows® installer", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"TiWorker.exe", "Windows Modules Installer Worker", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"rdpclip.exe", "RDP Clipboard Monitor", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"mstsc.exe", "Remote Desktop Connection", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"WINWORD.EXE", "Microsoft Word", "Microsoft Office", kMicrosoft, "16.0.17328.20162"},
     {"EXCEL.EXE", "Microsoft Excel", "Microsoft Office", kMicrosoft, "16.0.17328.20162"},
     {"POWERPNT.EXE", "Microsoft PowerPoint", "Microsoft Office", kMicrosoft, "16.0.17328.20162"},
     {"OUTLOOK.EXE", "Microsoft Outlook", "Microsoft Office", kMicrosoft, "16.0.17328.20162"},
     {"notepad.exe", "Notepad", kWindowsProduct, kMicrosoft, kWindowsVersion},
     {"browserly.exe", "Browserly", "Browserly", "Browserly Project", "121.4.0.17"},
     {"pdfleaf.exe", "PDF Leaf Reader", "PDF Leaf", "Leafworks Ltd", "8.2.0.0"},
     {"cadstation.exe", "CADStation 2026", "CADStation", "Partwise Systems", "26.0.3.1"},
     {"erpclient.exe", "Ledgerline ERP Client", "Ledgerline", "Ledgerline BV", "11.9.2.0"},
     {"gpagent.exe", "GuardPost Endpoint Agent", "GuardPost", "GuardPost Security Ltd", "7.3.11.0"},
     {"invagent.exe", "Assetry Inventory Agent", "Assetry", "Assetry Software", "4.1.0.9"},
     {"7z.exe", "7-Zip Console", "7-Zip", "Igor Pavlov", "23.01"},
     {"", "-", "-", "-", "-"}}};

constexpr std::array<OfficeProgram, 10> kOffice = {
    {{"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE",
      "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE\" /n \"%FILE%\" /o \"\"", ".docx",
      18},
     {"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE",
      "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE\" \"%FILE%\"", ".xlsx", 22},
     {"C:\\Program Files\\Microsoft Office\\root\\Office16\\POWERPNT.EXE",
      "\"C:\\Program Files\\Microsoft Office\\root\\Office16\\POWERPNT.EXE\" \"%FILE%\" /ou \"\"", ".pptx",
      6},
     {"C:\\Program Files\\PDF Leaf\\pdfleaf.exe", "\"C:\\Program Files\\PDF Leaf\\pdfleaf.exe\" \"%FILE%\"",
      ".pdf", 16},
     {"C:\\Windows\\System32\\notepad.exe", "\"C:\\Windows\\System32\\notepad.exe\" %FILE%", ".txt", 6},
     {"C:\\Program Files\\Ledgerline\\erpclient.exe",
      "\"C:\\Program Files\\Ledgerline\\erpclient.exe\" --site BRS", "", 10},
     {"C:\\Program Files\\CADStation\\cadstation.exe",
      "\"C:\\Program Files\\CADStation\\cadstation.exe\" \"%FILE%\"", ".cdw", 8},
     {"C:\\Windows\\System32\\RuntimeBroker.exe", "C:\\Windows\\System32\\RuntimeBroker.exe -Embedding", "",
      8},
     {"C:\\Windows\\System32\\backgroundTaskHost.exe",
      "\"C:\\Windows\\system32\\backgroundTaskHost.exe\" "
      "-ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca",
      "", 4},
     {"C:\\Windows\\System32\\calc.exe", "\"C:\\Windows\\System32\\calc.exe\"", "", 2}}};

constexpr std::array<std::string_view, 24> kDocuments = {
    "Quarterly figures",  "Supplier list",       "Gauge drawing rev C", "Minutes of Monday", "Holiday plan",
    "Price offer",        "Calibration report",  "Delivery note",       "Test protocol",     "Budget 2026",
    "Order confirmation", "Work instruction 14", "Complaint 2291",      "Customer visit",    "Spare parts",
    "Shift plan",         "Audit checklist",     "Forecast March",      "Contract draft",    "Packing list",
    "Training record",    "Travel costs",        "Stock count",         "Release notes"};

}  // namespace

std::span<const std::string_view> first_names() { return kFirst; }
std::span<const std::string_view> last_names() { return kLast; }
std::span<const Department> departments() { return kDepartments; }
std::span<const City> cities() { return kCities; }
std::span<const Site> sites() { return kSites; }
std::span<const OfficeProgram> office_programs() { return kOffice; }
std::span<const std::string_view> document_names() { return kDocuments; }

const ImageFacts& image_facts(std::string_view image) {
  std::string_view file = image.substr(image.rfind('\\') + 1);
  for (const auto& facts : kImages)
    if (facts.file == file) return facts;
  return kImages.back();
}

}  // namespace huntbook::scenario
