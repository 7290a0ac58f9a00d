"""XMP as other programs write it, made from their formats' descriptions."""

RDF_NS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def packet(*descriptions: str) -> bytes:
    inside = "\n".join(descriptions)
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 5.6-c140">
 <rdf:RDF xmlns:rdf="{RDF_NS}">
{inside}
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
""".encode()


def lightroom(name: str = "Anna", width: int = 4000, height: int = 3000, extra: str = "") -> str:
    """Attributes wherever they can be, regions as nested descriptions, a rotation; a focus point beside the face."""
    return f"""  <rdf:Description rdf:about=""
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li>
       <rdf:Description mwg-rs:Rotation="0.00000" mwg-rs:Name="{name}" mwg-rs:Type="Face">
        <mwg-rs:Area stArea:h="0.20000" stArea:w="0.10000" stArea:x="0.30000" stArea:y="0.40000"/>
       </rdf:Description>
      </rdf:li>{extra}
      <rdf:li>
       <rdf:Description mwg-rs:Type="Focus" mwg-rs:FocusUsage="EvaluatedUsed">
        <mwg-rs:Area stArea:h="0.1" stArea:w="0.1" stArea:x="0.5" stArea:y="0.5" stArea:unit="normalized"/>
       </rdf:Description>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>"""


def digikam(name: str = "Anna", width: int = 4000, height: int = 3000) -> str:
    """Everything as elements; the same face in both notations."""
    return f"""  <rdf:Description rdf:about=""
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
    xmlns:MP="http://ns.microsoft.com/photo/1.2/"
    xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"
    xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
    xmlns:digiKam="http://www.digikam.org/ns/1.0/">
   <digiKam:TagsList><rdf:Seq><rdf:li>People/{name}</rdf:li></rdf:Seq></digiKam:TagsList>
   <MP:RegionInfo rdf:parseType="Resource">
    <MPRI:Regions>
     <rdf:Bag>
      <rdf:li MPReg:PersonDisplayName="{name}" MPReg:Rectangle="0.25, 0.3, 0.1, 0.2"/>
     </rdf:Bag>
    </MPRI:Regions>
   </MP:RegionInfo>
   <mwg-rs:Regions rdf:parseType="Resource">
    <mwg-rs:AppliedToDimensions rdf:parseType="Resource">
     <stDim:w>{width}</stDim:w><stDim:h>{height}</stDim:h><stDim:unit>pixel</stDim:unit>
    </mwg-rs:AppliedToDimensions>
    <mwg-rs:RegionList>
     <rdf:Bag>
      <rdf:li rdf:parseType="Resource">
       <mwg-rs:Name>{name}</mwg-rs:Name>
       <mwg-rs:Type>Face</mwg-rs:Type>
       <mwg-rs:Area rdf:parseType="Resource">
        <stArea:x>0.3</stArea:x><stArea:y>0.4</stArea:y><stArea:w>0.1</stArea:w><stArea:h>0.2</stArea:h>
        <stArea:unit>normalized</stArea:unit>
       </mwg-rs:Area>
      </rdf:li>
     </rdf:Bag>
    </mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>"""


def picasa(name: str = "Anna", width: int = 4000, height: int = 3000) -> str:
    """Nested descriptions for every structure, and one face that nobody named."""
    region = """<rdf:li><rdf:Description{name} mwg-rs:Type="Face"><mwg-rs:Area><rdf:Description
        stArea:x="{x}" stArea:y="0.4" stArea:w="0.1" stArea:h="0.2" stArea:unit="normalized"/></mwg-rs:Area>
       </rdf:Description></rdf:li>"""
    return f"""  <rdf:Description rdf:about=""
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
   <mwg-rs:Regions><rdf:Description>
    <mwg-rs:AppliedToDimensions><rdf:Description stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>
    </mwg-rs:AppliedToDimensions>
    <mwg-rs:RegionList><rdf:Bag>
     {region.format(name=f' mwg-rs:Name="{name}"', x=0.3)}
     {region.format(name="", x=0.7)}
    </rdf:Bag></mwg-rs:RegionList>
   </rdf:Description></mwg-rs:Regions>
  </rdf:Description>"""


def apple(name: str = "Anna", width: int = 4000, height: int = 3000) -> str:
    """A phone's: faces with what else it measured, in `Extensions`; a pet."""
    return lightroom(
        name,
        width,
        height,
        extra="""
      <rdf:li>
       <rdf:Description mwg-rs:Type="Face">
        <mwg-rs:Area stArea:x="0.8" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1" stArea:unit="normalized"/>
        <mwg-rs:Extensions xmlns:apple-fi="http://ns.apple.com/faceinfo/1.0/" apple-fi:AngleInfoYaw="270"
         apple-fi:AngleInfoRoll="0" apple-fi:ConfidenceLevel="376"/>
       </rdf:Description>
      </rdf:li>
      <rdf:li rdf:parseType="Resource"><mwg-rs:Type>Pet</mwg-rs:Type><mwg-rs:Name>Rex</mwg-rs:Name>
       <mwg-rs:Area stArea:x="0.6" stArea:y="0.8" stArea:w="0.1" stArea:h="0.1"/></rdf:li>""",
    )


def windows_photo_gallery(name: str = "Anna", rectangle: str = "0.25, 0.3, 0.1, 0.2") -> str:
    """The list is a bag of descriptions; one person is in the photo, nobody said where."""
    return f"""  <rdf:Description rdf:about="uuid:faf5bdd5-ba3d-11da-ad31-d33d75182f1b"
    xmlns:MP="http://ns.microsoft.com/photo/1.2/">
   <MP:RegionInfo>
    <rdf:Description xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#">
     <MPRI:Regions>
      <rdf:Bag>
       <rdf:li><rdf:Description xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">
        <MPReg:Rectangle>{rectangle}</MPReg:Rectangle>
        <MPReg:PersonDisplayName>{name}</MPReg:PersonDisplayName>
        <MPReg:PersonEmailDigest>9E107D9D372BB6826BD81D3542A419D6</MPReg:PersonEmailDigest>
       </rdf:Description></rdf:li>
       <rdf:li><rdf:Description xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#"
        MPReg:PersonDisplayName="Somewhere"/></rdf:li>
      </rdf:Bag>
     </MPRI:Regions>
    </rdf:Description>
   </MP:RegionInfo>
  </rdf:Description>"""


def acdsee(name: str = "Anna", width: int = 4000, height: int = 3000) -> str:
    return f"""  <rdf:Description rdf:about=""
    xmlns:acdsee-rs="http://ns.acdsee.com/regions/"
    xmlns:acdsee-stDim="http://ns.acdsee.com/sType/Dimensions#"
    xmlns:acdsee-stArea="http://ns.acdsee.com/sType/Area#">
   <acdsee-rs:Regions rdf:parseType="Resource">
    <acdsee-rs:AppliedToDimensions acdsee-stDim:w="{width}" acdsee-stDim:h="{height}" acdsee-stDim:unit="pixel"/>
    <acdsee-rs:RegionList>
     <rdf:Bag>
      <rdf:li rdf:parseType="Resource">
       <acdsee-rs:DLYArea acdsee-stArea:x="0.3" acdsee-stArea:y="0.4" acdsee-stArea:w="0.1" acdsee-stArea:h="0.2"/>
       <acdsee-rs:ALGArea acdsee-stArea:x="0.3" acdsee-stArea:y="0.4" acdsee-stArea:w="0.2" acdsee-stArea:h="0.2"/>
       <acdsee-rs:Name>{name}</acdsee-rs:Name>
       <acdsee-rs:NameAssignType>manual</acdsee-rs:NameAssignType>
       <acdsee-rs:Type>Face</acdsee-rs:Type>
      </rdf:li>
     </rdf:Bag>
    </acdsee-rs:RegionList>
   </acdsee-rs:Regions>
  </rdf:Description>"""


def regions(*items: str, dimensions: str = "") -> str:
    """A list of regions, given as elements inside `rdf:li`."""
    listed = "".join(f'<rdf:li rdf:parseType="Resource">{item}</rdf:li>' for item in items)
    return f"""  <rdf:Description rdf:about=""
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#">
   <mwg-rs:Regions rdf:parseType="Resource">{dimensions}
    <mwg-rs:RegionList><rdf:Bag>{listed}</rdf:Bag></mwg-rs:RegionList>
   </mwg-rs:Regions>
  </rdf:Description>"""


def dimensions(width: object, height: object) -> str:
    return f'<mwg-rs:AppliedToDimensions stDim:w="{width}" stDim:h="{height}" stDim:unit="pixel"/>'


def region(
    name: str,
    x: object,
    y: object,
    w: object,
    h: object,
    *,
    unit: str = "normalized",
    more: str = "",
    kind: str = "Face",
) -> str:
    return (
        f"<mwg-rs:Name>{name}</mwg-rs:Name><mwg-rs:Type>{kind}</mwg-rs:Type>{more}"
        f'<mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{w}" stArea:h="{h}" stArea:unit="{unit}"/>'
    )
